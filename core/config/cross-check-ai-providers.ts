import { type CrossProblem, hintFor, type View, written } from './cross-check-view.js'
import { isRecord, keysAt, listAt, textAt, valueAt } from './json.js'
import type { Path } from './problems.js'
import { repeats } from './repeats.js'
import { didYouMean } from './suggest.js'

/** What of a provider an account is checked against. */
export interface ProviderFacts {
  readonly name: string
  /** Whether the operator has to say where it is. */
  readonly needsBaseUrl: boolean
  readonly required: readonly string[]
  readonly optional: readonly string[]
  readonly credentialParts: readonly string[]
  readonly keyless: boolean
}

const PROVIDERS = ['ai', 'providers']

/** What accounts say that their providers, the secrets, or their own other keys do not fit. */
export function aiProviderProblems(view: View, providers: readonly ProviderFacts[]): CrossProblem[] {
  return keysAt(view.value, PROVIDERS).flatMap(name => {
    const path = [...PROVIDERS, name]
    if (!isRecord(valueAt(view.value, path))) return []
    return [...keyProblems(view, path), ...idleOnlyModels(view, path), ...providerProblems(view, path, providers)]
  })
}

function providerProblems(view: View, path: Path, providers: readonly ProviderFacts[]): CrossProblem[] {
  const name = textAt(view.value, [...path, 'provider'])
  if (name === undefined) return []
  const facts = providers.find(each => each.name === name)
  if (facts !== undefined) return [...optionProblems(view, path, facts), ...partProblems(view, path, facts)]
  const at = [...path, 'provider']
  const names = providers.map(each => each.name).sort()
  const hint = hintFor(view, at, names)
  return [{ path: at, message: `no provider ${written(view, at)}; expected one of ${names.join(', ')}${hint}` }]
}

function optionProblems({ value }: View, path: Path, facts: ProviderFacts): CrossProblem[] {
  const { name, required, optional } = facts
  const known = [...required, ...optional]
  const given = keysAt(value, [...path, 'options'])
  const problems: CrossProblem[] = []
  for (const option of required) {
    if (!given.includes(option)) {
      problems.push({ path, message: `${name} has to know its ${option}; expected options with "${option}"` })
    }
  }
  for (const option of given) {
    if (known.includes(option)) continue
    const expected = known.length === 0 ? 'none' : known.join(', ')
    problems.push({
      path: [...path, 'options', option],
      message: `${name} has no option "${option}"; expected ${expected}${didYouMean(option, known)}`
    })
  }
  if (facts.needsBaseUrl && valueAt(value, [...path, 'baseUrl']) === undefined) {
    problems.push({ path, message: `${name} has no address of its own; expected baseUrl` })
  }
  const keys = valueAt(value, [...path, 'keys'])
  if (!facts.keyless && Array.isArray(keys) && keys.length === 0) {
    problems.push({ path, message: `${name} wants a key; expected keys` })
  }
  return problems
}

function partProblems({ value }: View, path: Path, { name, credentialParts }: ProviderFacts): CrossProblem[] {
  return listAt(value, [...path, 'keys']).flatMap((_, i) =>
    keysAt(value, [...path, 'keys', i, 'parts']).flatMap(part => {
      if (credentialParts.includes(part)) return []
      const expected = credentialParts.length === 0 ? 'none' : credentialParts.join(', ')
      const at = [...path, 'keys', i, 'parts', part]
      return [{ path: at, message: `a key of ${name} has no part "${part}"; expected ${expected}` }]
    })
  )
}

function keyProblems(view: View, path: Path): CrossProblem[] {
  const keys = listAt(view.value, [...path, 'keys'])
  const secrets = keysAt(view.value, ['secrets'])
  const problems = keys.flatMap((key, i): CrossProblem[] => {
    if (!isRecord(key)) return []
    const at = [...path, 'keys', i]
    const named = ['key', 'secret'].filter(each => key[each] !== undefined)
    if (named.length !== 1) {
      const got = named.length === 0 ? 'it has neither key nor secret' : 'it has key and secret'
      return [{ path: at, message: `${got}; expected one of the two` }]
    }
    const secret = [...at, 'secret']
    const name = textAt(view.value, secret)
    if (name === undefined || secrets.includes(name)) return []
    const message = `no secret ${written(view, secret)}; expected a name under secrets${hintFor(view, secret, secrets)}`
    return [{ path: secret, message }]
  })
  const labels = keys.map((key, i) => textAt(key, ['name']) ?? String(i + 1))
  const twice = repeats(labels).map(([i]) => ({
    path: [...path, 'keys', i, 'name'],
    message: 'another key has the name too; expected each once'
  }))
  const weights = keys.map(key => valueAt(key, ['weight']))
  if (keys.length > 0 && weights.every(weight => weight === 0)) {
    problems.push({ path: [...path, 'keys'], message: 'every key has weight 0; expected one that is used' })
  }
  return [...problems, ...twice]
}

function idleOnlyModels({ value }: View, path: Path): CrossProblem[] {
  const models = valueAt(value, [...path, 'models'])
  const some = Array.isArray(models) ? models.length > 0 : isRecord(models) && Object.keys(models).length > 0
  if (valueAt(value, [...path, 'onlyModels']) !== true || some) return []
  return [{ path: [...path, 'onlyModels'], message: 'leaves no model at all; expected models beside it' }]
}
