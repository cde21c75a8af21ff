// Runs the server audits of graphql-http against one URL and says what failed.
//
//   node audit.js http://localhost:8080/graphql
//
// The exit code is 0 if every MUST passed, 1 if one failed, 2 if the audits could not run.
// CORDON_AUDIT_TOKEN, if set, goes into the Authorization header of every request.

import { auditServer } from './runner.js';

const url = process.argv[2];
if (url === undefined || !URL.canParse(url)) {
  console.error('usage: node audit.js URL');
  process.exit(2);
}

let report;
try {
  report = await auditServer(url, process.env.CORDON_AUDIT_TOKEN);
} catch (error) {
  console.error(`the audits could not run against ${url}: ${error instanceof Error ? error.message : error}`);
  process.exit(2);
}

for (const line of report.lines) {
  console.log(line);
}
console.log(report.summary);
process.exit(report.failedMusts === 0 && report.passedMusts > 0 ? 0 : 1);
