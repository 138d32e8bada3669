/**
 * The built-in topics: what people say when they want them. Sure words are about little else; weak ones are often about other things,
 * so it takes several. English, and the commonest of German, French and Spanish.
 */

export const SURE: i32 = 3
export const WEAK: i32 = 1

@final
export class Vocabulary {
  readonly sure: string[]
  readonly weak: string[]

  constructor(
    readonly name: string,
    sure: string,
    weak: string
  ) {
    this.sure = sure.split('|')
    this.weak = weak.split('|')
  }
}

export const BUILT_IN: Vocabulary[] = [
  new Vocabulary(
    'legal',
    'legal advice|lawyer|lawyers|attorney|attorneys|lawsuit|lawsuits|sue|suing|sued|litigation|legally liable|statute of limitations|small claims court|' +
      'power of attorney|restraining order|custody battle|plead guilty|breach of contract|rechtsberatung|rechtsanwalt|anwalt|klage einreichen|conseil juridique|avocat|asesoría legal|abogado',
    'court|judge|legal|illegal|contract|liability|liable|settlement|plaintiff|defendant|divorce|custody|testify|subpoena|copyright infringement|' +
      'eviction|landlord|verdict|appeal|law|laws|rights|gericht|vertrag|kündigung'
  ),
  new Vocabulary(
    'medical',
    'medical advice|diagnose|diagnosis|my symptoms|prescription|prescribe|antibiotic|antibiotics|chemotherapy|antidepressant|antidepressants|' +
      'side effects of|dosage|what dose|blood pressure medication|should i see a doctor|am i sick|ibuprofen|paracetamol|insulin|' +
      'medizinische beratung|diagnose stellen|rezept vom arzt|dosierung|avis médical|ordonnance|consejo médico|receta médica',
    'symptom|symptoms|doctor|disease|illness|treatment|medicine|medication|pain|fever|rash|infection|cancer|diabetes|pregnant|surgery|' +
      'vaccine|headache|dose|pills|tablet|tablets|arzt|krankheit|schmerzen|fieber|médecin|médico'
  ),
  new Vocabulary(
    'finance',
    'financial advice|investment advice|should i invest|should i buy stocks|stock tip|stock tips|which stocks|day trading|options trading|short selling|' +
      'crypto trading|buy bitcoin|sell bitcoin|hedge fund|etf|etfs|forex|tax evasion|price target|retirement portfolio|' +
      'anlageberatung|welche aktien|aktien kaufen|conseil en investissement|asesoría de inversión',
    'invest|investing|investment|investments|stock|stocks|shares|bond|bonds|portfolio|dividend|dividends|bitcoin|crypto|cryptocurrency|' +
      'broker|mortgage|interest rate|returns|bull market|bear market|aktie|aktien|fonds|börse|bourse|acciones'
  ),
  new Vocabulary(
    'politics',
    'who should i vote for|vote for|election campaign|political party|political parties|presidential candidate|left wing|right wing|republicans|' +
      'democrats|liberals and conservatives|immigration policy|abortion law|gun control|impeachment|bundestagswahl|wahlkampf|élections présidentielles|elecciones presidenciales',
    'election|elections|president|prime minister|parliament|senate|congress|senator|politician|politicians|politics|political|government|party|vote|' +
      'voting|voter|policy|protest|propaganda|minister|chancellor|wahl|partei|regierung|politik|politique|política'
  ),
  new Vocabulary(
    'violence',
    'kill someone|kill him|kill her|kill them|murder someone|how to murder|hurt someone|beat someone up|torture|mass shooting|massacre|terrorist attack|' +
      'behead|beheading|lynch|stab someone|poison someone|jemanden töten|jemanden verletzen|tuer quelqu\'un|matar a alguien',
    'kill|killing|murder|attack|assault|stab|shoot|strangle|blood|gore|violent|violence|fight|weapon|victim|threaten|töten|gewalt|meurtre|asesinato'
  ),
  new Vocabulary(
    'weapons',
    'build a bomb|make a bomb|pipe bomb|explosive device|explosives|detonator|ghost gun|assault rifle|silencer|untraceable gun|3d printed gun|' +
      '3d print a gun|napalm|nerve agent|sarin|molotov|grenade|ammunition|convert to full auto|bombe bauen|sprengstoff|waffe bauen|fabriquer une bombe|fabricar una bomba',
    'bomb|gun|guns|rifle|pistol|firearm|firearms|bullet|bullets|weapon|weapons|knife|missile|shotgun|explosion|waffe|waffen|arme|arma'
  ),
  new Vocabulary(
    'drugs',
    'cocaine|heroin|meth|methamphetamine|fentanyl|lsd|mdma|ecstasy|ketamine|crack cocaine|cook meth|drug dealer|buy weed|grow weed|magic mushrooms|' +
      'psilocybin|opioid|opioids|get high|drogen kaufen|kokain|cocaïne|cocaína|heroína',
    'drug|drugs|weed|cannabis|marijuana|joint|stoned|overdose|dealer|snort|inject|trip|hallucinogen|drogen|drogue|droga'
  ),
  new Vocabulary(
    'self-harm',
    'suicide|suicidal|kill myself|killing myself|end my life|take my own life|want to die|self harm|self-harm|cut myself|cutting myself|hurt myself|' +
      'hang myself|overdose on|no reason to live|better off dead|mich umbringen|selbstmord|suizid|nicht mehr leben|me suicider|suicidarme|quiero morir',
    'overdose|hopeless|worthless|depressed|razor|noose|die|dying|pills'
  ),
  new Vocabulary(
    'adult',
    'porn|porno|pornography|pornographic|erotica|nsfw|hentai|nude pictures|nudes|blowjob|masturbate|masturbation|sex scene|sexual intercourse|' +
      'have sex|sexually explicit|escort service|orgasm|fetish|pornografie|sexszene|pornografía',
    'sex|sexual|sexy|naked|nude|erotic|kinky|horny|breasts|genitals|lingerie|strip|nackt|sexe|sexo|desnuda'
  ),
  new Vocabulary(
    'gambling',
    'online casino|sports betting|betting odds|betting tips|place a bet|blackjack strategy|slot machine|slot machines|roulette|poker strategy|bookmaker|' +
      'bookmakers|gambling|gamble|parlay|sportwetten|glücksspiel|paris sportifs|apuestas deportivas|casino en ligne',
    'casino|bet|bets|betting|odds|wager|jackpot|lottery|poker|blackjack|spins|payout|wette|wetten|lotto|apuesta'
  )
]

export const COMPETITORS = 'competitors'

export function builtInNames(): string {
  let names = ''
  for (let i = 0; i < BUILT_IN.length; i++) names += BUILT_IN[i].name + ', '
  return names + COMPETITORS
}
