// One import gives an app everything: models, sessions, images.
@_exported import FoveaCore
@_exported import FoveaRuntime
@_exported import FoveaVision
