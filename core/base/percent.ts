/** What percent-encoded UTF-8 stands for (RFC 3986 §2.1); what is none stays as it is. */
export function percentDecoded(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
