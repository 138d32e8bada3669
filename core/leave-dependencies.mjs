/** An esbuild plugin: TypeBox, hundreds of small modules, goes into a bundle; every other dependency stays where npm put it. */
export const leaveDependencies = {
  name: 'leave-dependencies',
  setup({ onResolve }) {
    onResolve({ filter: /^[^./]/ }, ({ path, kind }) => {
      const inside = kind === 'entry-point' || /^typebox(\/|$)/.test(path)
      return inside ? undefined : { path, external: true }
    })
  }
}
