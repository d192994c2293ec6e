import { modelFiles } from '../../../../magics/engine/hub/model-files.ts';
import { parseHubReference } from '../../../../magics/engine/hub/reference.ts';
import { downloadSnapshot } from '../../../../magics/engine/hub/snapshot.ts';

// Downloads a model in a process of its own: node downloader.mjs owner/name
const { folder } = await downloadSnapshot(parseHubReference(process.argv[2]!)!, modelFiles);
process.stdout.write(folder);
