# The program behind tests/screen/run.sh: the screens without a terminal.

$(BUILD)/tests/screen/drive: $(BUILD)/tests/screen/drive.o $(BUILD)/tests/screen/drive_broker.o \
		$(BUILD)/tests/screen/drive_line.o $(BUILD)/tests/screen/drive_random.o $(SRC_O) $(UI_O)
	$(CC) $(ALL_LDFLAGS) -o $@ $^ $(SRC_LIBS) $(UI_LIBS)
