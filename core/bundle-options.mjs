/** What esbuild is told for every bundle: a few files that share what they have in common, for the oldest Node that runs Sluice. */
export const BUNDLE_OPTIONS = {
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  logLevel: 'warning',
  plugins: [{ name: 'dependencies', setup: leaveDependencies }]
}

/** TypeBox, hundreds of small modules, goes into a bundle; every other dependency stays where npm put it. */
function leaveDependencies({ onResolve }) {
  onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
    const inside = kind === 'entry-point' || /^typebox(\/|$)/.test(path)
    return inside ? undefined : { path, external: true }
  })
}
