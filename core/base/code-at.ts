/**
 * The character code at a place, for loops over short texts. Called as a method it would be looked up again for each character:
 * texts come in more shapes than V8's caches hold.
 */
export const codeAt: (text: string, index: number) => number = Function.prototype.call.bind(String.prototype.charCodeAt)
