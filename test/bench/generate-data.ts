import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { finished } from 'node:stream/promises';
import { createRandom } from '../../magics/dataset/random.ts';

/** A file of made-up tickets. Every hundredth row repeats an earlier one, every two-hundredth names a mail address. */
export interface Generated {
  readonly rows: number;
  readonly bytes: number;
}

const labels = ['billing', 'cards', 'delivery', 'login', 'refund', 'transfer', 'other', 'rare'];
const words =
  'the card was not accepted at my shop when please help account money transfer late again yesterday order parcel refund charged twice login code never arrives phone bank why how long does it take to'.split(
    ' ',
  );

/** Writes at least `bytes` of CSV: id, text, label, amount, day, customer. */
export function generateCsv(file: string, bytes: number): Promise<Generated> {
  const line = (t: Ticket) => `${t.id},"${t.text}",${t.label},${t.amount ?? ''},${t.day},${t.customer}\n`;
  return generate(file, bytes, 'id,text,label,amount,day,customer\n', line);
}

/** Writes at least `bytes` of JSON Lines: the same tickets as conversations of one turn. */
export function generateJsonLines(file: string, bytes: number): Promise<Generated> {
  const line = (t: Ticket) =>
    `{"messages":[{"role":"user","content":"${t.text}"},{"role":"assistant","content":"Goes to ${t.label}."}],"label":"${t.label}","amount":${t.amount ?? 'null'},"customer":${t.customer}}\n`;
  return generate(file, bytes, '', line);
}

interface Ticket {
  readonly id: number;
  readonly text: string;
  readonly label: string;
  readonly amount: string | undefined;
  readonly day: string;
  readonly customer: number;
}

async function generate(
  file: string,
  atLeast: number,
  head: string,
  line: (ticket: Ticket) => string,
): Promise<Generated> {
  const stream = createWriteStream(file, { highWaterMark: 1 << 22 });
  const next = createTickets();
  let [rows, bytes, chunk] = [0, 0, head];
  while (bytes < atLeast) {
    for (let i = 0; i < 5000; i++) chunk += line(next());
    rows += 5000;
    bytes += chunk.length;
    if (!stream.write(chunk)) await once(stream, 'drain');
    chunk = '';
  }
  stream.end();
  await finished(stream);
  return { rows, bytes };
}

function createTickets(): () => Ticket {
  const random = createRandom(7);
  const pick = <T>(items: readonly T[]) => items[Math.floor(random() * items.length)]!;
  const earlier: Ticket[] = [];
  let id = 0;
  return () => {
    id++;
    if (id % 100 === 0) return pick(earlier);
    const count = 4 + Math.floor(random() * 14);
    let text = pick(words);
    for (let i = 1; i < count; i++) text += ` ${pick(words)}`;
    if (id % 200 === 1) text += `: mail me at user${id}@example.com`;
    const amount = random() < 0.001 ? 90_000 : random() * 200;
    const ticket = {
      id,
      text,
      label: labels[Math.floor(random() ** 2 * labels.length)]!,
      amount: id % 50 === 0 ? undefined : amount.toFixed(2),
      day: `2026-${String(1 + (id % 12)).padStart(2, '0')}-${String(1 + (id % 28)).padStart(2, '0')}`,
      customer: Math.floor(random() * 100_000),
    };
    if (earlier.length < 1000) earlier.push(ticket);
    else if (id % 1000 === 1) earlier[Math.floor(random() * 1000)] = ticket;
    return ticket;
  };
}
