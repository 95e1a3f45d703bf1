import CellData
