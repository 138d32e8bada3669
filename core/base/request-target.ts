// RFC 3986 §3.3 and §3.4, without the fragment.
const PATH = /^\/[!$-;=@-Z_a-z~[\]|^`]*$/
const QUERY = /^[!$-;=?-Z_a-z~[\]|^`{}"<>\\]*$/

/**
 * A "." or ".." segment, also between encoded slashes and backslashes, encoded itself, or with parameters ("..;a=b").
 * Routes and upstreams read those differently, so none is let through, whether a client or a policy wrote it.
 */
const DOT_SEGMENT = /(?:\/|%2f|%5c)(?:\.|%2e){1,2}(?:\/|%2f|%5c|;|$)/i

/** Whether `path` is an absolute path in which every other character is percent-encoded. */
export function isPath(path: string): boolean {
  return PATH.test(path)
}

export function isQuery(query: string): boolean {
  return QUERY.test(query)
}

export function hasDotSegment(path: string): boolean {
  return (path.includes('.') || path.includes('%')) && DOT_SEGMENT.test(path)
}
