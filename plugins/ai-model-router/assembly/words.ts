/** Words of tasks that take a strong model, and of such that any model does. English, German, French and Spanish. */
export const HARD: string[] = (
  'prove|proof|derive|theorem|refactor|debug|root cause|race condition|deadlock|architecture|trade-offs|tradeoffs|algorithm|time complexity|' +
  'optimize|optimise|step by step|think carefully|think hard|in depth|in detail|analyze|analyse|critically|evaluate|compare and contrast|design a|' +
  'implement|migration plan|threat model|formal|edge cases|beweise|herleiten|analysiere|ausführlich|schritt für schritt|entwirf|démontre|analyse en détail|' +
  'étape par étape|demuestra|analiza|paso a paso'
).split('|')

export const EASY: string[] = (
  'translate|rephrase|reword|spell check|spelling|grammar|fix the typos|summarize in one sentence|one word|yes or no|in one sentence|title for|' +
  'thanks|thank you|hello|hi|good morning|übersetze|danke|hallo|traduis|merci|bonjour|traduce|gracias|hola'
).split('|')
