import { serverAudits } from 'graphql-http';

const LEVELS = ['MUST', 'SHOULD', 'MAY'];
const TIMEOUT_MS = 10_000;

/** Gives fetch a deadline and, if there is one, a bearer token. */
function authorizedFetch(token) {
  return (input, init = {}) => {
    const headers = new Headers(init.headers);
    if (token !== undefined && token !== '') {
      headers.set('authorization', `Bearer ${token}`);
    }
    return fetch(input, { ...init, headers, signal: AbortSignal.timeout(TIMEOUT_MS) });
  };
}

/** Runs every audit against the URL, one after the other, so that a failure is that of one request. */
export async function auditServer(url, token) {
  const counts = Object.fromEntries(LEVELS.map((level) => [level, { ok: 0, failed: 0 }]));
  const lines = [];
  for (const audit of serverAudits({ url, fetchFn: authorizedFetch(token) })) {
    const level = audit.name.split(' ', 1)[0];
    const result = await audit.fn();
    if (result.status === 'ok') {
      counts[level].ok += 1;
      lines.push(`ok      ${result.id}  ${result.name}`);
    } else {
      counts[level].failed += 1;
      lines.push(`${level === 'MUST' ? 'FAILED' : 'missed'}  ${result.id}  ${result.name}: ${result.reason}`);
    }
  }
  const summary = LEVELS.map((level) => {
    const { ok, failed } = counts[level];
    return `${level} ${ok} of ${ok + failed} passed`;
  }).join(', ');
  return { lines, summary, failedMusts: counts.MUST.failed, passedMusts: counts.MUST.ok };
}
