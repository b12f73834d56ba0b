/// One rewriting step of the conversion. It makes another network that computes the same.
public struct Pass: Sendable {
  /// As the command line says it, such as "fold-batch-norm".
  public var name: String
  public var apply: @Sendable (Network) throws(GraphError) -> Network

  public init(_ name: String, _ apply: @escaping @Sendable (Network) throws(GraphError) -> Network) {
    self.name = name
    self.apply = apply
  }
}

/// What conversion does to every imported network, in this order. A pass that stands twice cleans up after what lies between.
public let standardPasses: [Pass] = [
  // From here on, every value and shape can be relied on.
  Pass("infer-shapes", inferShapes),
  Pass("fold-constants", foldConstants),
  Pass("remove-identities", removeIdentities),
  // Fusions ask whether anything else uses a value: nothing dead may.
  Pass("remove-dead-nodes", removeDeadNodes),
  Pass("canonicalize-fully-connected", canonicalizeFullyConnected),
  // Before the fusions: what they look for may stand behind transpositions that go here.
  Pass("convert-layout", convertLayoutToNHWC),
  Pass("merge-reshapes", mergeReshapes),
  Pass("remove-identities", removeIdentities),
  Pass("remove-dead-nodes", removeDeadNodes),
  Pass("fuse-normalization", fuseNormalization),
  Pass("fuse-functions", fuseFunctions),
  Pass("fold-padding", foldPadding),
  // Before: fake quantization divides by what it scaled weights with. Behind: layer scale.
  Pass("fold-scale", foldScaleIntoConvolution),
  Pass("fold-batch-norm", foldBatchNormalization),
  Pass("fold-scale", foldScaleIntoConvolution),
  Pass("fuse-silu", fuseSilu),
  // After the folds: they change weights, and a clamp stands between those and the output.
  Pass("fuse-activations", fuseActivations),
  Pass("remove-dead-nodes", removeDeadNodes),
]

/// Applies `standardPasses`; the result is in the layout `.nhwc`.
///
/// - Parameter after: called with the name and the result of each pass, for `--dump-after`.
public func applyPasses(
  to network: consuming Network, after: (String, Network) -> Void = { _, _ in }
) throws(GraphError) -> Network {
  var network = consume network
  for pass in standardPasses {
    network = try pass.apply(network)
    after(pass.name, network)
  }
  return network
}
