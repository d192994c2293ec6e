/** The reply to `kernel_info_request`. */
export const kernelInfo = {
  status: 'ok',
  protocol_version: '5.4',
  implementation: 'llmops',
  implementation_version: '0.1.0',
  banner: 'TypeScript (LLMOps): %llmops lists the magics.',
  help_links: [],
  supported_features: [],
  language_info: {
    name: 'typescript',
    version: '5.9',
    mimetype: 'text/typescript',
    file_extension: '.ts',
    pygments_lexer: 'typescript',
    codemirror_mode: { name: 'javascript', typescript: true },
    nbconvert_exporter: 'script',
  },
};
