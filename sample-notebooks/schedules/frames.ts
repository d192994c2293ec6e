import { chooseTemplate, fillTemplate, type Phrases, type Voice } from './phrase.ts';

/** Openings, orders and closings of a sentence: every combination of one pool is a frame of that pool. */
const openings: Phrases = {
  tuned: [
    'please ',
    'can you ',
    'i want you to ',
    'i would like to ',
    'let us ',
    'you should ',
    'remember to ',
    'schedule it to ',
    'have the server ',
    'kindly ',
    'it has to ',
    'ok, ',
    'from now on ',
    'my plan is to ',
    'tell the bot to ',
    'it should ',
    'set it up to ',
    'i need it to ',
  ],
  known: ['we must ', 'try to ', 'the service will ', 'would you ', 'do not forget to ', 'get the robot to '],
  development: ['the team wants to ', 'go and ', 'see that you ', 'dear computer, ', 'it is time to '],
  novel: [
    'we need to ',
    'hey, ',
    'make sure to ',
    'could you ',
    'the job is to ',
    'your task: ',
    'i am asking you to ',
  ],
};

const timedOrders: Phrases = {
  tuned: [
    '{action} {when} at {time}',
    '{action} at {time} {when}',
    '{action} at {time}, {when}',
    '{when} {action} at {time}',
    '{when} at {time} {action}',
    '{time} {when} {action}',
    '{action} {when}, {time}',
  ],
  known: [
    '{when}, {time}, {action}',
    '{action} @ {time} {when}',
    '{action} {when} for {time}',
    'at {time} {action} {when}',
  ],
  development: ['{action} {when} by {time}', '{when} when it is {time} {action}', 'at {time} and {when} {action}'],
  novel: [
    '{action} {when}, at {time} sharp',
    '{action} {when} at exactly {time}',
    '{when}: {action} at {time}',
    '{action} when it is {time}, {when}',
    '{action} once it is {time} {when}',
  ],
};

const untimedOrders: Phrases = {
  tuned: ['{action} {when}', '{when} {action}', '{when}, {action}', '{action}, {when}'],
  known: ['{when} - {action}', '{when} you {action}'],
  development: ['{action} like this: {when}', '{when} just {action}'],
  novel: ['{when}: {action}', '{action} on repeat, {when}', '{when}, always {action}'],
};

/** Sentences without an action. */
const bareTimed: Phrases = {
  tuned: [
    '{when} at {time}',
    'at {time} {when}',
    '{when}, {time}',
    '{time} {when}',
    'set a reminder {when} for {time}',
  ],
  known: ['it should run at {time} {when}', '{when} @ {time}', 'time: {time}, {when}', '{when} - {time}'],
  development: ['{when} on the dot at {time}', 'when: {when}, hour: {time}'],
  novel: [
    'the job goes off {when} at {time}',
    'the alarm rings at {time} {when}',
    '{when}, starting at {time}',
    'it begins {when} at {time} precisely',
  ],
};

const bareUntimed: Phrases = {
  tuned: ['{when}', 'i want it to run {when}', 'it should run {when}'],
  known: ['run: {when}', 'set a reminder {when}', 'timer {when}'],
  development: ['how about {when}', 'the timer fires {when}'],
  novel: ['the job goes off {when}', 'the alarm rings {when}', 'it repeats {when}'],
};

const closings: Phrases = {
  tuned: [
    ' please',
    ' for me',
    ' if possible',
    ' as usual',
    ', ok?',
    ' (utc)',
    ' without fail',
    ', cheers',
    ' until further notice',
    ' - important',
    ' from now on',
    ' (important)',
  ],
  known: [' or else', ', that is all', ', as agreed', ' like before', ', no exceptions'],
  development: [' as discussed', ', got it?', ' (see above)', ' and report back'],
  novel: [', thanks', ' ok', ', will you', ' for the whole team', ' starting today', ' - urgent'],
};

const actions: Phrases = {
  tuned: [
    ...combine('run', 'the backup', 'the script', 'the tests', 'the import', 'it'),
    ...combine('send', 'the report', 'the invoice', 'the newsletter', 'a summary'),
    ...combine('start', 'the job', 'the scan', 'the pump', 'the export'),
    ...combine('check', 'the mail', 'the disk', 'the certificates', 'the queue'),
    ...combine('clean up', 'the logs', 'the temp folder', 'old files'),
    ...combine('update', 'the index', 'the prices', 'the wiki'),
    ...combine('copy', 'the database', 'the photos'),
    ...combine('water', 'the plants', 'the garden'),
    ...combine('open', 'the gate', 'the blinds'),
    ...combine('archive', 'the tickets', 'the orders'),
    'feed the cat',
    'call the office',
    'post the menu',
    'do it',
    'run',
  ],
  known: [
    'trigger the build',
    'sync the files',
    'remind me',
    'rotate the keys',
    'print the list',
    'ring the bell',
    'make coffee',
    'pull the data',
  ],
  development: ['reboot the router', 'mow the lawn', 'rebuild the site', 'scan the network'],
  novel: [
    'restart the server',
    'wake me up',
    'refresh the cache',
    'ping the team',
    'empty the bins',
    'publish the podcast',
    'charge the car',
  ],
};

export interface Frame {
  /** The sentence with `{when}`, `{time}` and `{action}` left open: what no two splits may share. */
  readonly template: string;
  readonly action: string;
}

/** Draws a sentence frame from exactly one pool; the action may come from any of the voice's pools. */
export function drawFrame(isTimed: boolean, pool: 'tuned' | 'known' | 'development' | 'novel', voice: Voice): Frame {
  const { random } = voice;
  const from = (phrases: Phrases) => random.pick(phrases[pool] ?? []);
  const action = chooseTemplate(actions, {}, voice) ?? 'run';
  const opening = random.chance(0.5) ? from(openings) : '';
  const hasAction = opening !== '' || random.chance(0.6);
  const order = from(hasAction ? (isTimed ? timedOrders : untimedOrders) : isTimed ? bareTimed : bareUntimed);
  const closing = random.chance(0.5) ? from(closings) : '';
  return { template: order.replace('{action}', `${opening}{action}`) + closing, action };
}

/** The sentence that a frame makes. */
export function fillFrame(frame: Frame, when: string, time: string | undefined): string {
  return fillTemplate(frame.template, { when, time, action: frame.action });
}

function combine(verb: string, ...objects: readonly string[]): string[] {
  return objects.map((object) => `${verb} ${object}`);
}
