import { submitJob } from '../../../magics/jobs/index.ts';

const [folder, distFolder] = process.argv.slice(2) as [string, string];
const job = await submitJob(
  { kind: 'eval', title: 'orphan', key: 'orphan', payload: 'succeed' },
  { folder, distFolder },
);
console.log(job.id);
setInterval(() => {}, 1000);
