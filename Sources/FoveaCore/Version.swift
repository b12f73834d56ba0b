/// This version of Fovea.
public let foveaVersion = "0.1.0"
