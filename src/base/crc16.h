/*
 * crc16.h - the check at the end of a Modbus RTU frame (Modbus over serial
 * line V1.02, 2.5.1.2 and annex 6.2: polynomial A001H reflected, start FFFFH).
 */
#ifndef METERCTL_BASE_CRC16_H
#define METERCTL_BASE_CRC16_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* CRC of N bytes. On the wire its low byte goes first. */
uint16_t crc16(const uint8_t *bytes, size_t n);

/* Writes the CRC of the first N bytes behind them; returns N + 2. */
size_t crc16_append(uint8_t *bytes, size_t n);

/* Do the last two of N bytes hold the CRC of those before? */
bool crc16_good(const uint8_t *bytes, size_t n);

#endif
