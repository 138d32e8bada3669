import type { Exported, Member } from './exports.js'

/** The chapters of the reference, with the modules that are in them. What is in none comes last. */
const CHAPTERS: readonly (readonly [title: string, about: string, modules: readonly string[]])[] = [
  ['Hooks', 'What a policy exports is one of these helpers with a function of its own.', ['hooks', 'abi', 'abort']],
  ['What a hook is shown', 'Views are valid until the hook returns.', ['request', 'response', 'settings']],
  ['What a hook answers', '', ['verdict']],
  ['What the host does for it', 'These answer at once; some need a permission.', ['host', 'counters', 'keys']],
  ['JSON', '', ['json', 'json-pointer', 'json-tree', 'json-fields', 'json-walk']],
  ['Text and bytes', '', ['text', 'utf8', 'field-text', 'template', 'part', 'writer', 'source-text']],
  [
    'Parts of a request',
    '',
    ['query', 'cookies', 'credentials', 'secrets', 'recent', 'ip-address', 'ip-ranges', 'media-type']
  ],
  [
    'Bodies read in place',
    'For policies that look at large bodies without making strings of them.',
    ['body-kind', 'classes', 'decoder', 'escapes', 'points', 'room', 'word-table']
  ]
]

const HEAD = `# Reference of the plugin SDK

Made from the doc comments of \`plugin-sdk/assembly/\` by \`npm run gen\`; do not edit. What is here is imported from
\`@sluice/plugin-sdk/assembly\`. How to begin: [README.md](README.md).
`

/** The reference page of what the SDK exports, in Markdown. */
export function referencePage(all: readonly Exported[]): string {
  const known = CHAPTERS.flatMap(([, , modules]) => modules)
  const rest = [...new Set(all.map(each => each.module))].filter(module => !known.includes(module))
  const chapters = [...CHAPTERS, ['More', '', rest] as const].map(([title, about, modules]) => {
    const entries = modules.flatMap(module => all.filter(each => each.module === module))
    return { title, about, entries }
  })
  const filled = chapters.filter(({ entries }) => entries.length > 0)
  const contents = filled.map(
    ({ title, entries }) => `- [${title}](#${anchor(title)}): ${entries.map(each => `\`${each.name}\``).join(', ')}`
  )
  return [HEAD, `${contents.join('\n')}\n`, ...filled.map(chapter)].join('\n')
}

function chapter({ title, about, entries }: { title: string; about: string; entries: readonly Exported[] }): string {
  return [`## ${title}`, ...(about === '' ? [] : ['', about]), ...entries.map(entry)].join('\n').concat('\n')
}

function entry({ name, signature, doc, members }: Exported): string {
  const parts = [`\n### \`${name}\``, `\`\`\`ts\n${signature}\n\`\`\``, markdown(doc)]
  if (members.length > 0) parts.push(members.map(memberLine).join('\n'))
  return parts.filter(part => part !== '').join('\n\n')
}

function memberLine({ signature, doc }: Member): string {
  const about = markdown(doc)
    .replace(/^- /, '')
    .replace(/\n+(- )?/g, ' ')
  const shown = `- \`${signature.replace(/^constructor/, 'new').replace(/^function /, '')}\``
  return about === '' ? shown : `${shown}: ${about}`
}

/** A doc comment as Markdown: the lines of a paragraph stay as they are, tags become a list. */
function markdown(doc: string): string {
  return doc
    .replace(/^@param (\S+)(?: -)? /gm, '- `$1`: ')
    .replace(/^@returns? /gm, '- returns ')
    .replace(/^@throws /gm, '- throws ')
    .replace(/([^\n])\n- /, '$1\n\n- ')
    .replace(/</g, '&lt;')
}

function anchor(title: string): string {
  return title
    .toLowerCase()
    .replace(/[^a-z0-9 -]/g, '')
    .replaceAll(' ', '-')
}
