import { Settings } from '@sluice/plugin-sdk/assembly'
import { utf8Length } from '@sluice/plugin-sdk/assembly/utf8'
import { Call } from './call'
import { Document, Operation, OPERATION_TYPES, OperationType } from './document'
import { Measure, Surveyor } from './measure'
import { parseDocument, syntaxError } from './parser'
import { badRequest, Refusal } from './refusal'
import { Variables } from './variables'
import { Weights } from './weights'

/** What a request may ask for. */
@final
export class Limits {
  private depth: f64 = 0
  private cost: f64 = 0
  private aliases: f64 = 0
  private directives: f64 = 0
  private rootFields: f64 = 0
  private queryBytes: i32 = 0
  private introspection: bool = false
  private persisted: bool = false
  private types: string[] = []
  private names: Set<string> | null = null
  private readonly weights: Weights = new Weights()
  /** What the calls of the request ask for so far. */
  private total: Measure = new Measure()
  /** The operation of the first call. */
  operation: Operation | null = null

  /** Takes the settings in. Returns "" or what is wrong with them. */
  fill(settings: Settings): string {
    this.depth = settings.float('maxDepth', 15)
    this.cost = settings.float('maxCost', 1000)
    this.aliases = settings.float('maxAliases', 30)
    this.directives = settings.float('maxDirectives', 50)
    this.rootFields = settings.float('maxRootFields', 20)
    this.queryBytes = settings.int('maxQueryBytes', 32768)
    this.introspection = settings.bool('introspection')
    this.persisted = settings.string('persistedQueries') == 'pass'
    this.types = settings.strings('operationTypes')
    if (settings.has('operationNames')) {
      const names = new Set<string>()
      const list = settings.strings('operationNames')
      for (let i = 0; i < list.length; i++) names.add(list[i])
      this.names = names
    }
    return this.weights.fill(settings.object('cost'), settings.strings('deniedFields'))
  }

  /** Begins a request. */
  begin(): void {
    this.total = new Measure()
    this.operation = null
  }

  get measured(): Measure {
    return this.total
  }

  /** null when the call may go on, as far as those before it left room. */
  check(call: Call, inUrl: bool): Refusal | null {
    if (call.query == '') return this.withoutQuery(call)
    if (utf8Length(call.query) > this.queryBytes) {
      return new Refusal(413, 'QUERY_TOO_LARGE', 'A query may have ' + this.queryBytes.toString() + ' bytes at most.')
    }
    const document = parseDocument(call.query, this.weights.listArguments)
    if (document === null) return new Refusal(400, 'GRAPHQL_PARSE_FAILED', syntaxError)
    const chosen = operationOf(document, call.operationName)
    if (chosen === null) {
      return badRequest(
        call.operationName == ''
          ? 'Name the operation that is meant, in operationName.'
          : 'There is no operation of the name in operationName.'
      )
    }
    if (this.operation === null) this.operation = chosen
    return this.checkOperations(document, call, inUrl)
  }

  /** All operations of a document are held to the limits: whichever of them the server takes, it was looked at. */
  private checkOperations(document: Document, call: Call, inUrl: bool): Refusal | null {
    const largest = new Measure()
    const variables = new Variables(call.variables, this.weights)
    for (let i = 0; i < document.operations.length; i++) {
      const operation = document.operations[i]
      const wrong = this.checkKind(operation, inUrl)
      if (wrong !== null) return wrong
      const surveyor = new Surveyor(document, variables, this.weights)
      const measure = surveyor.measure(operation)
      if (surveyor.mistake != '') return new Refusal(400, 'GRAPHQL_VALIDATION_FAILED', surveyor.mistake)
      if (surveyor.introspection != '' && !this.introspection) {
        return new Refusal(
          403,
          'INTROSPECTION_DISABLED',
          'Introspection is not allowed: ' + surveyor.introspection + '.'
        )
      }
      if (surveyor.denied != '') {
        return new Refusal(403, 'FIELD_DENIED', 'The field ' + surveyor.denied + ' is not allowed.')
      }
      keepLargest(largest, measure)
    }
    if (variables.isAmbiguous) return badRequest('A variable is there twice.')
    const depth = max(this.total.depth, largest.depth)
    this.total.add(largest)
    this.total.depth = depth
    return this.checkTotal()
  }

  private checkKind(operation: Operation, inUrl: bool): Refusal | null {
    const type = OPERATION_TYPES[operation.type]
    if (!this.types.includes(type)) {
      return new Refusal(403, 'OPERATION_NOT_ALLOWED', 'Operations of type ' + type + ' are not allowed.')
    }
    if (inUrl && operation.type == OperationType.MUTATION) {
      return new Refusal(405, 'MUTATION_OVER_GET', 'A mutation must be sent with POST.')
    }
    const names = this.names
    if (names === null || names.has(operation.name)) return null
    return new Refusal(403, 'OPERATION_NOT_ALLOWED', 'This operation is not on the list of those allowed.')
  }

  private checkTotal(): Refusal | null {
    const total = this.total
    if (total.depth > this.depth) return over('DEPTH_LIMIT', 'The depth', total.depth, this.depth)
    if (total.fields > this.rootFields)
      return over('ROOT_FIELD_LIMIT', 'The number of root fields', total.fields, this.rootFields)
    if (total.aliases > this.aliases) return over('ALIAS_LIMIT', 'The number of aliases', total.aliases, this.aliases)
    if (total.directives > this.directives) {
      return over('DIRECTIVE_LIMIT', 'The number of directives', total.directives, this.directives)
    }
    return total.cost > this.cost ? over('COST_LIMIT', 'The cost', total.cost, this.cost) : null
  }

  /** A hash stands for a query that the server knows from before. */
  private withoutQuery(call: Call): Refusal | null {
    if (!call.isPersisted) return badRequest('There is no query.')
    if (this.persisted) return null
    // Clients that know this message send the whole query then.
    return new Refusal(400, 'PERSISTED_QUERY_NOT_SUPPORTED', 'PersistedQueryNotSupported')
  }
}

function operationOf(document: Document, name: string): Operation | null {
  const operations = document.operations
  if (name == '') return operations.length == 1 ? operations[0] : null
  for (let i = 0; i < operations.length; i++) if (operations[i].name == name) return operations[i]
  return null
}

function keepLargest(largest: Measure, other: Measure): void {
  largest.depth = max(largest.depth, other.depth)
  largest.cost = max(largest.cost, other.cost)
  largest.aliases = max(largest.aliases, other.aliases)
  largest.directives = max(largest.directives, other.directives)
  largest.fields = max(largest.fields, other.fields)
}

function over(code: string, what: string, is: f64, limit: f64): Refusal {
  return new Refusal(400, code, what + ' is ' + numberText(is) + '; the limit is ' + numberText(limit) + '.')
}

/** A number for people. */
export function numberText(value: f64): string {
  if (value > 1e15) return 'more than 10^15'
  return Math.trunc(value) == value ? (<i64>value).toString() : value.toString()
}
