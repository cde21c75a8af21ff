import { defineConfig } from 'vite';

export default defineConfig({
  base: '/graphiql/',
  build: {
    // The oldest browser on the desktops of the agencies is built on Chromium 95.
    target: 'chrome95',
    // The editor of GraphiQL is large and arrives in one piece; it is a page for developers on a local server.
    chunkSizeWarningLimit: 8_192,
    sourcemap: false,
    rolldownOptions: {
      // Libraries mark modules for server rendering, which this page does not do.
      onLog(level, log, handler) {
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') {
          handler(level, log);
        }
      },
    },
  },
  server: {
    proxy: { '/graphql': { target: 'http://localhost:8080', ws: true } },
  },
});
