// Package serve is the platform's side of the wire: the web services of an SMP over
// a lab, so that connection "smp" runs against it from end to end, in tests and by
// hand.
//
// It speaks what the public record says of these services (the labels D, C, I and N
// of the facts stand beside them): the paths below /Altiris, ?WSDL, SOAP 1.1 and 1.2,
// form POST and GET, with ASP.NET's answers to what is wrong. Where the record is
// silent it has a setting, the Dialect: a client must get along with all of them.
// Troubles make single calls go wrong: refused, cut off, done and not answered.
//
// What it promises:
//
//   - What a call does is done by the lab: the laws, the clock and the faults are the
//     lab's. Nothing is changed here.
//   - Every random choice comes from the seed, so a run can be repeated.
//   - Requests are bounded; no request makes it panic or hang.
//   - The clock in every answer (the header Date) is the lab's.
//   - Every call is journalled, for tests and for people.
//
// It must not know who calls: nothing in it is made for one client.
package serve
