import { RequestView } from './request'
import { ResponseView } from './response'
import { lowerAscii } from './text'

enum Kind {
  LITERAL,
  OWN,
  METHOD,
  SCHEME,
  HOST,
  PATH,
  QUERY,
  CLIENT_IP,
  ROUTE,
  CONSUMER,
  EXCHANGE_ID,
  STATUS,
  HEADER,
  QUERY_PARAM,
  COOKIE,
  PATH_PARAM,
  TAG,
  RESPONSE_HEADER
}

/** A piece of a template: text, or a part of the exchange. */
// @ts-ignore: decorator
@final
export class Part {
  constructor(
    private readonly kind: Kind,
    /**
     * The text of a literal; the name of a header, parameter, cookie or tag; what stands behind a policy's own family.
     */
    readonly name: string
  ) {}

  static literal(text: string): Part {
    return new Part(Kind.LITERAL, text)
  }

  /**
   * The part called `name`, such as "path" or "header.x-id"; null when there is none.
   * @param own - a family of parts that the policy itself knows the values of, such as "body"; "" for none
   */
  static of(name: string, own: string = ''): Part | null {
    const dot = name.indexOf('.')
    if (dot < 0) return plainPart(name)
    const family = name.substring(0, dot)
    const member = name.substring(dot + 1)
    if (member.length == 0) return null
    if (family == own) return new Part(Kind.OWN, member)
    if (family == 'header') return new Part(Kind.HEADER, lowerAscii(member))
    if (family == 'query') return new Part(Kind.QUERY_PARAM, member)
    if (family == 'cookie') return new Part(Kind.COOKIE, member)
    if (family == 'param') return new Part(Kind.PATH_PARAM, member)
    if (family == 'tag') return new Part(Kind.TAG, member)
    return family == 'response' ? new Part(Kind.RESPONSE_HEADER, lowerAscii(member)) : null
  }

  get isLiteral(): bool {
    return this.kind == Kind.LITERAL
  }

  /** Of the policy's own family: value() does not know it. */
  get isOwn(): bool {
    return this.kind == Kind.OWN
  }

  /**
   * Whether its value is percent-encoded, as it stands in the path: {path}, and {param.NAME}, which is one segment of
   * it.
   */
  get isEncoded(): bool {
    return this.kind == Kind.PATH || this.kind == Kind.PATH_PARAM
  }

  /** {path}, the only part with slashes in it. */
  get isWholePath(): bool {
    return this.kind == Kind.PATH
  }

  /** Whether only the reply has it. */
  get needsResponse(): bool {
    return this.kind == Kind.STATUS || this.kind == Kind.RESPONSE_HEADER
  }

  /** The request header it is read from; "" for none. */
  get requestHeader(): string {
    if (this.kind == Kind.COOKIE) return 'cookie'
    return this.kind == Kind.HEADER ? this.name : ''
  }

  /** The field of the manifest's "input" it is read from; "" for none. */
  get inputField(): string {
    switch (this.kind) {
      case Kind.METHOD:
        return 'method'
      case Kind.SCHEME:
        return 'scheme'
      case Kind.HOST:
        return 'host'
      case Kind.PATH:
        return 'path'
      case Kind.QUERY:
      case Kind.QUERY_PARAM:
        return 'query'
      case Kind.CLIENT_IP:
        return 'clientIp'
      case Kind.ROUTE:
        return 'route'
      case Kind.CONSUMER:
        return 'consumer'
      case Kind.EXCHANGE_ID:
        return 'exchangeId'
      case Kind.PATH_PARAM:
        return 'params'
      case Kind.TAG:
        return 'tags'
      default:
        return ''
    }
  }

  /** The response header it is read from; "" for none. */
  get responseHeader(): string {
    return this.kind == Kind.RESPONSE_HEADER ? this.name : ''
  }

  /** "" for what is not there. */
  value(request: RequestView, response: ResponseView | null): string {
    switch (this.kind) {
      case Kind.METHOD:
        return request.method
      case Kind.SCHEME:
        return request.scheme
      case Kind.HOST:
        return request.host
      case Kind.PATH:
        return request.path
      case Kind.QUERY:
        return request.query
      case Kind.CLIENT_IP:
        return request.clientIp
      case Kind.ROUTE:
        return request.route
      case Kind.CONSUMER:
        return request.consumer
      case Kind.EXCHANGE_ID:
        return request.exchangeId
      case Kind.HEADER:
        return request.header(this.name)
      case Kind.QUERY_PARAM:
        return request.queryParam(this.name)
      case Kind.COOKIE:
        return request.cookie(this.name)
      case Kind.PATH_PARAM:
        return request.param(this.name)
      case Kind.TAG:
        return request.tag(this.name)
      case Kind.STATUS:
        return response === null ? '' : response.status.toString()
      case Kind.RESPONSE_HEADER:
        return response === null ? '' : response.header(this.name)
      case Kind.LITERAL:
        return this.name
      default:
        return ''
    }
  }
}

function plainPart(name: string): Part | null {
  if (name == 'method') return new Part(Kind.METHOD, '')
  if (name == 'scheme') return new Part(Kind.SCHEME, '')
  if (name == 'host') return new Part(Kind.HOST, '')
  if (name == 'path') return new Part(Kind.PATH, '')
  if (name == 'query') return new Part(Kind.QUERY, '')
  if (name == 'clientIp') return new Part(Kind.CLIENT_IP, '')
  if (name == 'route') return new Part(Kind.ROUTE, '')
  if (name == 'consumer') return new Part(Kind.CONSUMER, '')
  if (name == 'exchangeId') return new Part(Kind.EXCHANGE_ID, '')
  return name == 'status' ? new Part(Kind.STATUS, '') : null
}
