import type { Provider } from './provider.js'

/** Every provider there is. */
export const providers: readonly Provider[] = []
