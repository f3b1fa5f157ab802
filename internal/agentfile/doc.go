// Package agentfile reads the two files that the agent of a package server keeps
// about a package: snapshot.xml, the manifest of the files of its copy, and
// PackageStatus.xml, which tells that a copy is marked for deletion.
//
// What is known of them publicly is little, and every fact below carries where it
// comes from (D: documented by the vendor, I: inferred, N: nothing public found):
//
//   - snapshot.xml is an XML list of the files with their properties (D, KB 150861);
//     it lies in the package's folder, beside cache (D, KB 163475). The agent compares
//     name, size and time of last change (D, KB legacy TECH140644). The names of its
//     elements and attributes: N.
//   - PackageStatus.xml has a Status, of which the value Deleted is documented, and a
//     Time, the moment at which the package left the server's configuration (D, KB
//     178503, KB 237210). Attribute or element, other values, time zone: N.
//
// So both are read by what values look like and not by what they are called (I). A
// name helps only to choose between several values that look alike; where it does
// not, the element is not understood. What is not understood is counted and never
// guessed at, and a file of which nothing was understood is an error, not an empty
// list.
//
// What it promises: input is bounded in size, depth and number of elements, document
// types and entities are refused, and no input makes it panic. It reads from an
// io.Reader and knows no disk.
package agentfile
