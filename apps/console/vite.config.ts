import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** Where the serving API listens while the console is being developed. */
const SERVING = 'http://127.0.0.1:8080';

export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  build: {
    // Everything as files of our own: the page's policy allows neither inline scripts nor data: URLs.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    emptyOutDir: true,
  },
  server: { proxy: { '/v1': SERVING, '/health': SERVING, '/docs': SERVING } },
});
