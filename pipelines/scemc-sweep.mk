# scEMC with every λ1 (reconstruction) and λ2 (clustering losses) of the paper's Figures 6 and 7, from one pretrained model.
#
#   make -j 2 -f pipelines/scemc-sweep.mk pbmc.sweep.tsv CLUSTERS=16 LABELS=cell_type
#
# from pbmc.h5mu makes pbmc.sweep.tsv, a row a pair: lambda1, lambda2 and the figures of sc-eval. Pairs run side by side with -j; what is
# done is not done again, so an interrupted sweep goes on where it ended. Only figures of the paper's schedule compare with the paper's:
# PRETRAIN="--preset paper" CLUSTER="--preset paper".

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DELETE_ON_ERROR:
.SECONDARY:
.SUFFIXES:

# What to put before the programs' names: SC=.build/release/
SC ?=
SEED ?= 0
CLUSTERS ?= 10
# True labels, a column of the input; only compared with at the end.
LABELS ?=
# Without a minus sign: 0.001, not 1e-3.
WEIGHTS ?= 0.01 0.1 1 10 100
# A sweep shows what the weights do only where the last state counts.
CLUSTER ?= --keep last
PREPROCESS ?=
KNN ?=
PRETRAIN ?=
EVAL ?=

# 0.01-100 is λ1 = 0.01, λ2 = 100.
pairs := $(foreach first,$(WEIGHTS),$(foreach second,$(WEIGHTS),$(first)-$(second)))
first = $(word 1,$(subst -, ,$1))
second = $(word 2,$(subst -, ,$1))

%.scemc.safetensors: %.h5mu
	$(SC)sc-preprocess $< $(if $(LABELS),--labels $(LABELS)) --seed $(SEED) $(PREPROCESS) \
	  | $(SC)sc-knn --seed $(SEED) $(KNN) | $(SC)sc-pretrain --model scemc --seed $(SEED) $(PRETRAIN) -o $@

# One rule a pair: PBMC.sweep/0.01-100.tsv.
define pair_rule
%.sweep/$1.tsv: %.scemc.safetensors
	@mkdir -p $$(@D)
	$(SC)sc-cluster -q $$< --method scemc --clusters $(CLUSTERS) --lambda-reconstruction $(call first,$1) \
	  --lambda-cluster $(call second,$1) --seed $(SEED) $(CLUSTER) -o $$(@:.tsv=.safetensors)
	$(SC)sc-eval $$(@:.tsv=.safetensors) $(if $(LABELS),--labels $(LABELS)) $(EVAL) > $$@.part
	@mv $$@.part $$@
endef
$(foreach pair,$(pairs),$(eval $(call pair_rule,$(pair))))

# sc-eval writes a line a figure; here they become the columns of one row.
%.sweep.tsv: $(foreach pair,$(pairs),%.sweep/$(pair).tsv)
	@for file in $^; do \
	  pair=$$(basename $$file .tsv); \
	  awk -F'\t' -v pair=$$pair -v head=$$([ $$file = $< ] && echo 1 || echo 0) \
	    'NR > 1 { names = names "\t" $$1; values = values "\t" $$2 } \
	    END { split(pair, l, "-"); if (head) print "lambda1\tlambda2" names; print l[1] "\t" l[2] values }' $$file; \
	done > $@
	@cat $@
