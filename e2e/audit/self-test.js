// Proves that the runner can fail: a server that breaks a MUST is reported, one that keeps them all is not.

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createHandler } from 'graphql-http/lib/use/http';

import { auditServer } from './runner.js';

const schema = new GraphQLSchema({
  query: new GraphQLObjectType({ name: 'Query', fields: { hello: { type: GraphQLString, resolve: () => 'world' } } }),
});

async function auditOf(listener) {
  const server = createServer(listener);
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  try {
    return await auditServer(`http://127.0.0.1:${server.address().port}/graphql`);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const conforming = await auditOf(createHandler({ schema }));
assert.equal(conforming.failedMusts, 0, conforming.lines.join('\n'));
assert.ok(conforming.passedMusts > 0);

const broken = await auditOf((_request, response) => {
  response.writeHead(200, { 'content-type': 'text/plain' });
  response.end('hello');
});
assert.ok(broken.failedMusts > 0, 'a server of plain text passed every MUST');

console.log('the audit runner tells a conforming server from a broken one');
