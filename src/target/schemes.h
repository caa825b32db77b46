/*
 * schemes.h - the schemes of a target, a row each. Included several times, each time with
 * another meaning of SCHEME(): target.h numbers them, target.c makes its table, link.h
 * declares what opens them, and meter/open.c finds it.
 *
 * SCHEME(id, prefix, port, form, least, most, others, flags, opener, name, title)
 *   id      SCHEME_ID
 *   prefix  as a target begins
 *   port    the usual one of the host; 0: there is none
 *   form    what follows the prefix: rtu, network, sim or mqtt (target.c)
 *   least, most  the unit addresses it takes. Modbus over Serial Line V1.02, 2.2: 1 to 247
 *           are meters', 0 is all of them, 248 to 255 are reserved, and some meters have
 *           them all the same. Messaging on TCP/IP Implementation Guide V1.0b, 4.4.2:
 *           0 and 255 are the device itself, behind no gateway.
 *   others  the scheme that reaches the same place with the other framing
 *   flags   what it can do (target.h)
 *   opener  opener##_link_open() makes a link of it (link/link.h)
 *   name, title  for a person: in a list, and at greater length
 */
SCHEME(RTU, "rtu:", 0, rtu, 0, 255, TCP, SCHEME_SERIAL, modbus,
       "serial port", "RS485 on a serial port")
SCHEME(TCP, "tcp:", 502, network, 0, 255, RTUTCP, SCHEME_NETWORK | SCHEME_TCP_FRAMES, modbus,
       "Modbus TCP", "Modbus TCP")
SCHEME(RTUTCP, "rtutcp:", 0, network, 0, 255, TCP, SCHEME_NETWORK, modbus,
       "RTU over TCP", "RTU frames through a serial server")
SCHEME(UDP, "udp:", 502, network, 0, 255, RTUUDP, SCHEME_NETWORK | SCHEME_DATAGRAM | SCHEME_TCP_FRAMES, modbus,
       "Modbus over UDP", "Modbus TCP frames in UDP datagrams")
SCHEME(RTUUDP, "rtuudp:", 0, network, 0, 255, UDP, SCHEME_NETWORK | SCHEME_DATAGRAM, modbus,
       "RTU over UDP", "RTU frames in UDP datagrams")
SCHEME(SIM, "sim:", 0, sim, 1, 247, SIM, SCHEME_SIMULATED, sim,
       "simulated meter", "A meter simulated on this machine")
SCHEME(MQTT, "mqtt://", 1883, mqtt, 1, 255, MQTT, SCHEME_BROKER, mqtt,
       "MQTT broker", "Meters behind an MQTT broker")
SCHEME(MQTTS, "mqtts://", 8883, mqtt, 1, 255, MQTTS, SCHEME_BROKER | SCHEME_TLS, mqtt,
       "MQTT broker, TLS", "Meters behind an MQTT broker")
SCHEME(WS, "ws://", 80, mqtt, 1, 255, WS, SCHEME_BROKER | SCHEME_WEB, mqtt,
       "MQTT broker, websocket", "Meters behind an MQTT broker")
SCHEME(WSS, "wss://", 443, mqtt, 1, 255, WSS, SCHEME_BROKER | SCHEME_TLS | SCHEME_WEB, mqtt,
       "MQTT broker, websocket, TLS", "Meters behind an MQTT broker")
