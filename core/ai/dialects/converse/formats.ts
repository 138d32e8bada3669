/** Bedrock names formats where others have media types. */

export function imageFormat(mediaType: string): string | undefined {
  const format = mediaType.toLowerCase().replace('image/', '').replace('jpg', 'jpeg')
  return ['png', 'jpeg', 'gif', 'webp'].includes(format) ? format : undefined
}

export function documentFormat(mediaType: string): string | undefined {
  const plain = mediaType.toLowerCase().split(';')[0]?.trim() ?? ''
  return DOCUMENTS.find(([type]) => type === plain)?.[1] ?? (plain.startsWith('text/') ? 'txt' : undefined)
}

export function documentType(format: string): string {
  return DOCUMENTS.find(([, name]) => name === format)?.[0] ?? 'application/octet-stream'
}

const DOCUMENTS: readonly (readonly [mediaType: string, format: string])[] = [
  ['application/pdf', 'pdf'],
  ['text/csv', 'csv'],
  ['application/msword', 'doc'],
  ['application/vnd.openxmlformats-officedocument.wordprocessingml.document', 'docx'],
  ['application/vnd.ms-excel', 'xls'],
  ['application/vnd.openxmlformats-officedocument.spreadsheetml.sheet', 'xlsx'],
  ['text/html', 'html'],
  ['text/plain', 'txt'],
  ['text/markdown', 'md']
]

/** A name as Bedrock takes it for a document: letters, digits, single spaces, "-", "(", ")", "[", "]". */
export function documentName(name: string | undefined, number: number): string {
  const plain = (name ?? '')
    .replace(/\.[a-zA-Z0-9]{1,5}$/, '')
    .replace(/[^a-zA-Z0-9\s\-()[\]]/g, '-')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 190)
  return `${plain === '' ? 'document' : plain}-${number}`
}
