"""The past of households and persons."""
