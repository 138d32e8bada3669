/** A name out of a module, fit for a message: a hostile one must not write into the operator's terminal or log. */
export function quoted(name: string): string {
  const cut = name.length > 80 ? `${name.slice(0, 80)}…` : name
  return `"${cut.replace(/[^ -~…]|["\\]/gu, escaped)}"`
}

/** 20971520 → "20.0 MiB". */
export function mebibytes(bytes: number): string {
  return `${(bytes / 1024 / 1024).toFixed(1)} MiB`
}

/** The first eight of a list, and how many more there are. */
export function listed(items: readonly string[], separator = ', '): string {
  const shown = items.slice(0, 8).join(separator)
  return items.length > 8 ? `${shown}${separator}and ${items.length - 8} more` : shown
}

function escaped(character: string): string {
  return `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`
}
