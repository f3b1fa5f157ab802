// Package wire is the client of the platform's web services (ASMX). It turns one
// call, a service's name, a method's name and parameters, into an HTTP request and
// the reply into a tree, and it tells every way in which that can fail by kind.
//
// The same method can be reached as a form POST, by SOAP 1.1 and by SOAP 1.2, and
// methods with a GUID come twice, once with a string and once with a guid under
// another name. Which of them an installation has is found in the service's
// description (?WSDL) and can be set (Override). A form POST to the overload with
// strings is preferred; a method that only takes guids goes by SOAP, and so does a value
// with markup, which ASP.NET may refuse in a form; an answer "no such method" leads to the
// next way, also for writes, because nothing was done. A read goes on after any page that
// came in place of an answer to a form.
//
// What it promises. A reply is bounded in bytes, depth, elements and time. Redirects
// are never followed, certificates are always verified, DTDs are refused. A write is
// sent once; a read may be repeated, with growing pauses. Error.MaybeDone says
// whether a write that failed may have happened nevertheless. The log (Exchange)
// holds no secret.
//
// What it cannot know: an answer "false", an empty GUID or empty details are good
// replies here. Whoever calls knows what they mean.
//
// Facts about the platform carry a label: D, documented by the vendor; C, seen in
// public code or a public WSDL; I, inferred; N, nothing public is known, so it is a
// setting or is read tolerantly. "KB n" is a knowledge base article of Broadcom, "H" a
// topic of the help of the Administrator SDK 8.0, "RS" a file of ASP.NET's own public
// source, "W" the dump of WSDLs SMPWebServiceDiff 8.5.5713.
//
// It must not know what an image, a package or a package server is.
package wire
