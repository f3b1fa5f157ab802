// Package login logs in to the platform's web server: with Kerberos and NTLM as
// "Integrated Windows authentication" offers them, with Basic where the login says so.
//
// The platform's services stand behind IIS with Windows authentication, Negotiate
// before NTLM; some sites leave only NTLM (D, KB 434345). So both words are
// understood: Negotiate carries Kerberos or, where there is no ticket for the server,
// NTLM; the word NTLM carries NTLM alone. The service's name is HTTP/ and the host of
// the address as it stands there (I): an address by IP or by an alias of which no
// account has that name gets no ticket, and NTLM is what is left.
//
// What it promises. A password is sent to nobody in the clear, except by Basic over
// https. An account is tried one connection after the other until it has once been let
// in, and never again once it was refused: a wrong password costs one try and locks
// nobody out. One that was good before is given up after the second refusal. Over https both are bound to the
// server's certificate (tls-server-end-point, RFC 5929), as IIS can require (Extended
// Protection); NTLM names the service as well.
//
// What it does not do: check the platform's own proof in Kerberos (AP-REP). That the
// platform is the platform is proved by its certificate; so use https.
//
// A connection belongs to one request at a time, because NTLM logs in connections
// (I): whoever uses this package gives each its own transport.
package login
