/** The kinds of data that are found. */
export enum Kind {
  EMAIL,
  PHONE,
  CARD,
  IBAN,
  SSN,
  IP,
  SECRET
}

/** As settings name them, by kind. */
export const KIND_NAMES: StaticArray<string> = ['email', 'phone', 'card', 'iban', 'ssn', 'ip', 'secret']
/** As placeholders and masks name them, by kind. */
export const LABELS: StaticArray<string> = ['EMAIL', 'PHONE', 'CARD', 'IBAN', 'SSN', 'IP', 'SECRET']

const wanted = new StaticArray<bool>(7)

/** Says whether a kind is looked for; none is before. */
export function want(kind: Kind, yes: bool): void {
  unchecked((wanted[kind] = yes))
}

/** Whether this kind is looked for. */
@inline
export function wants(kind: Kind): bool {
  return unchecked(wanted[kind])
}
