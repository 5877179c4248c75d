# hello.mk - builds the yardstick: the program with hello.c for two of its files.
include Makefile

$(B)/bench/hello: tests/bench/hello.c $(OBJ)
	@mkdir -p $(@D)
	$(CC) $(STD) $(WARN) $(CFLAGS) $(LDFLAGS) -o $@ $< $(filter-out \
	    $(O)/fcgi/dispatch.o $(O)/fcgi/note.o,$(OBJ)) $(LIBS)
