// The bundle dist/tfjs.cjs: TensorFlow.js with its gradients, which its packages for Node leave out, and two backends.
import '@tensorflow/tfjs-core/dist/register_all_gradients';
import '@tensorflow/tfjs-backend-cpu';

export { setWasmPaths } from '@tensorflow/tfjs-backend-wasm';
export * as tf from '@tensorflow/tfjs-core';
