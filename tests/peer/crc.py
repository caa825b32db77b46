"""CRC-16 of Modbus over serial line V1.02, 6.2.2: low byte first."""

import struct


def crc16(frame):
    value = 0xFFFF
    for byte in frame:
        value ^= byte
        for _ in range(8):
            value = value >> 1 ^ 0xA001 if value & 1 else value >> 1
    return struct.pack("<H", value)
