import { Json, RequestView, Verdict } from '@sluice/plugin-sdk/assembly'

const GRAPHQL_TYPE = 'application/graphql-response+json'

/** Why a request is refused. */
@final
export class Refusal {
  constructor(
    readonly status: i32,
    /** For programs, such as DEPTH_LIMIT. */
    readonly code: string,
    /** For people. */
    readonly message: string
  ) {}

  /** The answer as a GraphQL server gives it (GraphQL over HTTP), or as a problem document. */
  verdict(request: RequestView, asProblem: bool): Verdict {
    const verdict = asProblem ? Verdict.deny(this.status, this.message) : this.errors(request)
    if (this.status == 405) verdict.withHeader('allow', 'POST')
    return verdict.tag('graphql-guard', this.code)
  }

  private errors(request: RequestView): Verdict {
    const body = '{"errors":[{"message":' + Json.quote(this.message) + ',"extensions":{"code":"' + this.code + '"}}]}'
    const wantsNew = request.header('accept').includes(GRAPHQL_TYPE)
    return Verdict.reply(this.status, body, (wantsNew ? GRAPHQL_TYPE : 'application/json') + '; charset=utf-8')
  }
}

/** A request that a GraphQL server could not read either, or would read as it likes. */
export function badRequest(message: string): Refusal {
  return new Refusal(400, 'BAD_REQUEST', message)
}
