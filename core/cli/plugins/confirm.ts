import { createInterface } from 'node:readline/promises'

/** Where a question is asked. */
export interface Terminal {
  readonly input: NodeJS.ReadableStream & { readonly isTTY?: boolean }
  readonly output: NodeJS.WritableStream & { readonly isTTY?: boolean }
}

/** Asks on a terminal; only "y" and "yes" are. Undefined when there is no terminal to ask on. */
export async function confirm(question: string, { input, output }: Terminal): Promise<boolean | undefined> {
  if (input.isTTY !== true || output.isTTY !== true) return undefined
  const lines = createInterface({ input, output })
  try {
    const closed = new Promise<string>(resolve => lines.once('close', () => resolve('')))
    const answer = await Promise.race([lines.question(`${question} [y/N] `), closed])
    return /^y(es)?$/i.test(answer.trim())
  } finally {
    lines.close()
  }
}
