import FoveaCore

/// [outputs][inputs][height][width] (ONNX's order) -> [blocks][taps * run][16][4], the layout of `fovea_conv_u8s8`: blocks of
/// 16 output channels, each 64 bytes holding 4 consecutive inputs of every channel; zeros where there is no weight.
func packConvolution(_ weights: [Int8], for step: ConvolutionU8) -> [Int8] {
  let (height, width) = (step.window.kernelHeight, step.window.kernelWidth)
  let groups = step.taps * step.run
  var packed = [Int8](repeating: 0, count: step.blocks * groups * 64)
  for output in 0..<step.outputs {
    let (block, lane) = output.quotientAndRemainder(dividingBy: 16)
    for y in 0..<height {
      for x in 0..<width {
        let tap = step.rowsAreRuns ? y : y * width + x
        let first = step.rowsAreRuns ? x * step.inputs : 0
        for input in 0..<step.inputs {
          let (group, byte) = (first + input).quotientAndRemainder(dividingBy: 4)
          let place = ((block * groups + tap * step.run + group) * 16 + lane) * 4 + byte
          packed[place] = weights[((output * step.inputs + input) * height + y) * width + x]
        }
      }
    }
  }
  return packed
}

/// [channels][1][height][width] -> [blocks][width][ceil(height / 4)][16][4], the layout of `fovea_depthwise_u8s8`: 64 bytes
/// hold 4 kernel rows of 16 channels.
func packDepthwise(_ weights: [Int8], for step: DepthwiseU8) -> [Int8] {
  let (height, width) = (step.window.kernelHeight, step.window.kernelWidth)
  var packed = [Int8](repeating: 0, count: step.blocks * width * step.rowGroups * 64)
  for channel in 0..<step.channels {
    let (block, lane) = channel.quotientAndRemainder(dividingBy: 16)
    for y in 0..<height {
      let (group, byte) = y.quotientAndRemainder(dividingBy: 4)
      for x in 0..<width {
        let place = (((block * width + x) * step.rowGroups + group) * 16 + lane) * 4 + byte
        packed[place] = weights[(channel * height + y) * width + x]
      }
    }
  }
  return packed
}

/// [outputs][inputs][height][width] -> [blocks][height][width][inputs][16], the layout of `fovea_conv_f32`; with 1 for `inputs`,
/// that of `fovea_depthwise_f32`. Zeros where there is no output.
func packConvolution(_ weights: [Float], for step: ConvolutionF32, inputs: Int) -> [Float] {
  let positions = step.window.kernelHeight * step.window.kernelWidth
  var packed = [Float](repeating: 0, count: step.blocks * positions * inputs * 16)
  for output in 0..<step.outputs {
    let (block, lane) = output.quotientAndRemainder(dividingBy: 16)
    for input in 0..<inputs {
      for position in 0..<positions {
        packed[((block * positions + position) * inputs + input) * 16 + lane] =
          weights[(output * inputs + input) * positions + position]
      }
    }
  }
  return packed
}
