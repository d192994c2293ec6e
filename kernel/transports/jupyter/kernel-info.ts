import { dependencies, version } from '../../../package.json';

/** The reply to `kernel_info_request`. There is no debugger, and there are no subshells. */
export const kernelInfo = {
  status: 'ok',
  protocol_version: '5.4',
  implementation: 'llmops',
  implementation_version: version,
  banner: `LLMOps ${version}, TypeScript ${dependencies.typescript}, Node ${process.versions.node}. %llmops lists the magics.`,
  debugger: false,
  supported_features: [],
  help_links: [
    { text: 'TypeScript', url: 'https://www.typescriptlang.org/docs/' },
    { text: 'Node.js', url: 'https://nodejs.org/api/' },
    { text: 'Arquero tables', url: 'https://idl.uw.edu/arquero/api/' },
    { text: 'Vega-Lite charts', url: 'https://vega.github.io/vega-lite/docs/' },
  ],
  language_info: {
    name: 'typescript',
    version: dependencies.typescript,
    mimetype: 'text/typescript',
    file_extension: '.ts',
    pygments_lexer: 'typescript',
    codemirror_mode: { name: 'javascript', typescript: true },
    nbconvert_exporter: 'script',
  },
};
