#include <string.h>

#include "profile/identify.h"
#include "line.h"
#include "unit.h"

static unsigned answer_word(const uint8_t *b)
{
	return (unsigned)b[0] << 8 | b[1];
}

static size_t answer_refuse(uint8_t function, int code, uint8_t *pdu)
{
	pdu[0] = function | 0x80;
	pdu[1] = (uint8_t)code;
	return 2;
}

static size_t answer_read(struct sim_meter *m, const uint8_t *rq, uint8_t *pdu)
{
	uint16_t regs[125], n = (uint16_t)answer_word(rq + 3);
	int code = sim_meter_read(m, rq[0] == 3 ? SPACE_HOLDING : SPACE_INPUT,
				  (uint16_t)answer_word(rq + 1), n, regs);

	if (code)
		return answer_refuse(rq[0], code, pdu);
	pdu[0] = rq[0];
	pdu[1] = (uint8_t)(2 * n);
	for (uint16_t i = 0; i < n; i++) {
		pdu[2 + 2 * i] = (uint8_t)(regs[i] >> 8);
		pdu[3 + 2 * i] = (uint8_t)regs[i];
	}
	return 2U + 2U * n;
}

static size_t answer_write(struct sim_meter *m, const uint8_t *rq, size_t n,
			   uint8_t *pdu, bool *written)
{
	uint16_t regs[123];
	unsigned count = n < 6 ? 0 : answer_word(rq + 3);
	int code;

	if (count < 1 || count > 123 || rq[5] != 2 * count || n != 6 + 2 * count)
		return answer_refuse(rq[0], 3, pdu);
	for (unsigned i = 0; i < count; i++)
		regs[i] = (uint16_t)answer_word(rq + 6 + 2 * i);
	code = sim_meter_write(m, (uint16_t)answer_word(rq + 1), (uint16_t)count, regs);
	if (code)
		return answer_refuse(rq[0], code, pdu);
	if (written)
		*written = true;
	memcpy(pdu, rq, 5);
	return 5;
}

/* One register; acknowledged by the request itself (V1.1b3, 6.6). */
static size_t answer_write_one(struct sim_meter *m, const uint8_t *rq, uint8_t *pdu, bool *written)
{
	uint16_t reg = (uint16_t)answer_word(rq + 3);
	int code = sim_meter_write(m, (uint16_t)answer_word(rq + 1), 1, &reg);

	if (code)
		return answer_refuse(rq[0], code, pdu);
	if (written)
		*written = true;
	memcpy(pdu, rq, 5);
	return 5;
}

/* What the meter tells of itself by FUNCTION and OBJECT into BYTES; 0: nothing, and *CODE is why. */
static size_t answer_itself(const struct sim_meter *m, uint8_t function, uint8_t object, uint8_t *bytes, int *code)
{
	const struct identify_list *l = &m->profile->identify;
	size_t n;

	*code = 1;
	for (size_t i = 0; i < l->n; i++) {
		if (l->list[i].function != function)
			continue;
		*code = 2;
		if (l->list[i].object == object && identify_example_bytes(&l->list[i], bytes, &n))
			return n;
	}
	return 0;
}

/* V1.1b3, 6.13. */
static size_t answer_report(const struct sim_meter *m, uint8_t *pdu)
{
	uint8_t bytes[IDENTIFY_BYTES];
	int code;
	size_t n = answer_itself(m, IDENTIFY_REPORT, 0, bytes, &code);

	if (n == 0 || n > PDU_MAX - 2)
		return answer_refuse(IDENTIFY_REPORT, code, pdu);
	pdu[0] = IDENTIFY_REPORT;
	pdu[1] = (uint8_t)n;
	memcpy(pdu + 2, bytes, n);
	return 2 + n;
}

/* One object of V1.1b3, 6.21; the conformity says that single ones can be had. */
static size_t answer_device(const struct sim_meter *m, const uint8_t *rq, uint8_t *pdu)
{
	static const uint8_t head[] = { IDENTIFY_DEVICE, 0x0E, 4, 0x81, 0, 0, 1 };
	uint8_t bytes[IDENTIFY_BYTES];
	int code;
	size_t n = answer_itself(m, IDENTIFY_DEVICE, rq[3], bytes, &code);

	if (n == 0 || n > PDU_MAX - 9)
		return answer_refuse(IDENTIFY_DEVICE, code, pdu);
	if (rq[1] != head[1] || rq[2] != head[2])
		return answer_refuse(IDENTIFY_DEVICE, 1, pdu);
	memcpy(pdu, head, sizeof(head));
	pdu[7] = rq[3];
	pdu[8] = (uint8_t)n;
	memcpy(pdu + 9, bytes, n);
	return 9 + n;
}

static bool answer_knows(const struct sim_meter *m, uint8_t function)
{
	enum write_function by = m->scenario.only_06 ? WRITE_BY_06 : m->profile->write_function;

	return by == WRITE_BY_ANY || by == (function == 0x06 ? WRITE_BY_06 : WRITE_BY_10H);
}

/* 03H and 10H are what the ADW300 knows (manual 6.1); 04H is for meters whose
 * readings are input registers, 06H for masters that write by it. */
size_t unit_answer(struct sim_meter *m, const uint8_t *request, size_t n,
		   uint8_t *pdu, bool *written)
{
	if (written)
		*written = false;
	switch (request[0]) {
	case 0x03:
	case 0x04:
		return n == 5 ? answer_read(m, request, pdu) : answer_refuse(request[0], 3, pdu);
	case 0x06:
		if (!answer_knows(m, 0x06))
			break;
		return n == 5 ? answer_write_one(m, request, pdu, written) : answer_refuse(request[0], 3, pdu);
	case 0x10:
		if (!answer_knows(m, 0x10))
			break;
		return answer_write(m, request, n, pdu, written);
	case IDENTIFY_REPORT:
		return answer_report(m, pdu);
	case IDENTIFY_DEVICE:
		return n == 4 ? answer_device(m, request, pdu) : answer_refuse(request[0], 3, pdu);
	default:
		break;
	}
	return answer_refuse(request[0], 1, pdu);
}
