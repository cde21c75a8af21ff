// Fails the build if a built file would load anything from another host.

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const FOREIGN = /https?:\/\/(?:[\w.-]*\.)?(?:unpkg\.com|esm\.sh|jsdelivr\.net|cdnjs\.cloudflare\.com|fonts\.g\w+\.com)|<(?:script|link)[^>]+(?:src|href)="https?:/u;

// A check that cannot fail is none: the pattern must find what it is for.
for (const sample of ['"https://unpkg.com/react"', 'url(https://fonts.gstatic.com/a)', '<script src="https://example.org/a.js">']) {
  if (!FOREIGN.test(sample)) {
    throw new Error(`the pattern misses ${sample}`);
  }
}

const folder = new URL('./dist', import.meta.url).pathname;
const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
const foreign = files
  .map((entry) => join(entry.parentPath, entry.name))
  .filter((path) => /\.(?:js|css|html)$/u.test(path) && FOREIGN.test(readFileSync(path, 'utf8')));

if (foreign.length > 0) {
  console.error(`these files name another host:\n${foreign.join('\n')}`);
  process.exit(1);
}
console.log(`${files.length} files, none loads anything from another host`);
