/** What a selection is. */
export enum SelectionKind {
  FIELD,
  SPREAD,
  INLINE
}

/** What a field says about the length of its list. */
export enum SizeKind {
  /** Written as a number. */
  KNOWN,
  /** Written as something that is no number. */
  UNKNOWN,
  /** In a variable. */
  VARIABLE,
  /** Perhaps within a variable, which is an object. */
  WITHIN
}

/** One place that says how long the list of a field is. */
@final
export class Size {
  constructor(
    readonly kind: SizeKind,
    readonly value: f64,
    /** Name of the variable. */
    readonly variable: string,
    readonly next: Size | null
  ) {}
}

/** What may say how long a list is, in several places. */
export class Sized {
  sizes: Size | null = null
}

/** What a variable is when the request does not give it; `sizes` are those within it. */
@final
export class Default extends Sized {
  /** What it says where it is itself the length; null for nothing. */
  itself: Size | null = null
  /** The largest of `sizes`; NaN until somebody asks. */
  largestWithin: f64 = NaN
}

/** A field, a spread or an inline fragment, and what is selected below it. */
@final
export class Selection extends Sized {
  next: Selection | null = null
  below: Selection | null = null
  aliased: bool = false
  directives: i32 = 0

  constructor(
    readonly kind: SelectionKind,
    /** Name of the field or fragment. */
    readonly name: string
  ) {
    super()
  }
}

export enum OperationType {
  QUERY,
  MUTATION,
  SUBSCRIPTION
}

export const OPERATION_TYPES = ['query', 'mutation', 'subscription']

@final
export class Operation {
  /** Its own and those of its variables. */
  directives: i32 = 0
  selections: Selection | null = null
  /** What variables are that the request does not give; null for none. */
  defaults: Map<string, Default> | null = null

  constructor(
    readonly type: OperationType,
    /** "" when it has none. */
    readonly name: string
  ) {}

  setDefault(variable: string, value: Default): void {
    let defaults = this.defaults
    if (defaults === null) this.defaults = defaults = new Map<string, Default>()
    defaults.set(variable, value)
  }
}

@final
export class Fragment {
  directives: i32 = 0
  selections: Selection | null = null
  /** Whether it is being measured: who comes back to it then goes in a circle. */
  isOpen: bool = false

  constructor(readonly name: string) {}
}

/** An executable document. */
@final
export class Document {
  readonly operations: Operation[] = []
  readonly fragments: Map<string, Fragment> = new Map<string, Fragment>()
}
