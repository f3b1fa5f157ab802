// Calls the services of the lab with a SOAP client that makes itself from their WSDL.
// Its argument is the address of the lab; on standard input it reads a JSON list of calls:
//   {"service": PATH, "method": NAME, "args": {...}, "soap12": true}
// Prints a JSON list of the answers, or of {"fault": {...}}.
import { readFileSync } from "node:fs";

import soap from "soap";

const base = process.argv[2];
const clients = new Map();

async function client(service, soap12) {
  const key = service + soap12;
  if (!clients.has(key)) {
    const url = `${base}/Altiris/${service}?WSDL`;
    clients.set(key, await soap.createClientAsync(url, { forceSoap12Headers: soap12, disableCache: true }));
  }
  return clients.get(key);
}

const answers = [];
for (const call of JSON.parse(readFileSync(0, "utf8"))) {
  const c = await client(call.service, call.soap12 === true);
  const name = call.service.split("/").pop().replace(".asmx", "");
  const port = c[name][name + (call.soap12 ? "Soap12" : "Soap")];
  answers.push(
    await new Promise((resolve) => {
      port[call.method](call.args, (err, result) => {
        if (err) {
          resolve({ fault: err.root?.Envelope?.Body?.Fault ?? { text: String(err) } });
        } else {
          resolve(result ?? {});
        }
      });
    }),
  );
}
console.log(JSON.stringify(answers));
