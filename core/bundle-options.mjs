/** What esbuild is told for every bundle: a few files that share what they have in common, for the oldest Node that runs Sluice. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  // For the CommonJS in a bundle, which asks for what is Node's own.
  banner: {
    js: "import { createRequire as requireOf } from 'node:module'; const require = requireOf(import.meta.url);"
  },
  plugins: [{ name: 'dependencies', setup: leaveDependencies }]
}

/** How core/ names the file of a thread or a process: it lies beside the module that starts it. */
export const THREAD_URL = /new URL\('\.\/([\w-]+\.js)', import\.meta\.url\)/g

/** What each start loads, in hundreds of small modules; with what it depends on. */
const INSIDE = /^(typebox|yaml|protobufjs|re2js|@extism\/extism|prom-client|pino|mustache)(\/|$)/

/** Every other dependency stays where npm put it: it is native, looks for files beside its own, or is loaded seldom. */
function leaveDependencies({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind, importer }) => {
    const inside = kind === 'entry-point' || INSIDE.test(path) || /[\\/]node_modules[\\/]/.test(importer)
    return inside ? undefined : { path, external: true }
  })
}
