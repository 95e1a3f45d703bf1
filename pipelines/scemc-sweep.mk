# scEMC with every λ1 (reconstruction) and λ2 (clustering losses) of the paper's Figures 6 and 7, from one pretrained model.
#
#   make -j 2 -f pipelines/scemc-sweep.mk pbmc.sweep.tsv CLUSTERS=16 LABELS=cell_type
#
# from pbmc.h5mu makes pbmc.sweep.tsv, a row a pair: lambda1, lambda2 and the figures of sc-eval. Pairs run side by side with -j; what is
# done is not done again unless its settings change, so an interrupted sweep goes on where it ended. Only figures of the paper's schedule compare with the paper's:
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

# A value as one word of the shell, whatever stands in it. Only the further options of a stage are for the shell to split.
quoted = '$(subst ','\'',$1)'

# 0.01-100 is λ1 = 0.01, λ2 = 100.
pairs := $(foreach first,$(WEIGHTS),$(foreach second,$(WEIGHTS),$(first)-$(second)))
first = $(word 1,$(subst -, ,$1))
second = $(word 2,$(subst -, ,$1))

# What shapes the model, and what shapes every pair: a change of one of them is a change of the file that the results rest on.
labels = $(if $(LABELS),--labels $(call quoted,$(LABELS)))
scemc_settings = $(labels) --seed $(SEED) $(PREPROCESS) | $(KNN) | $(PRETRAIN)
pair_settings = --clusters $(CLUSTERS) --seed $(SEED) $(CLUSTER) | $(labels) $(EVAL)

.PHONY: settings
# Written only where it differs from what is there.
define settings_rule
%.$1.settings: settings
	@printf '%s\n' $$(call quoted,$$($1_settings)) | cmp -s - $$(call quoted,$$@) || \
	  printf '%s\n' $$(call quoted,$$($1_settings)) > $$(call quoted,$$@)
endef
$(foreach stage,scemc pair,$(eval $(call settings_rule,$(stage))))

%.scemc.safetensors: %.h5mu %.scemc.settings
	$(call quoted,$(SC)sc-preprocess) $(call quoted,$<) $(labels) --seed $(call quoted,$(SEED)) $(PREPROCESS) \
	  | $(call quoted,$(SC)sc-knn) --seed $(call quoted,$(SEED)) $(KNN) \
	  | $(call quoted,$(SC)sc-pretrain) --model scemc --seed $(call quoted,$(SEED)) $(PRETRAIN) -o $(call quoted,$@)

# One rule a pair: PBMC.sweep/0.01-100.tsv.
define pair_rule
%.sweep/$1.tsv: %.scemc.safetensors %.pair.settings
	@mkdir -p -- $$(call quoted,$$*.sweep)
	$$(call quoted,$$(SC)sc-cluster) -q $$(call quoted,$$<) --method scemc --clusters $$(call quoted,$$(CLUSTERS)) \
	  --lambda-reconstruction $$(call quoted,$(call first,$1)) --lambda-cluster $$(call quoted,$(call second,$1)) \
	  --seed $$(call quoted,$$(SEED)) $$(CLUSTER) -o $$(call quoted,$$(@:.tsv=.safetensors))
	$$(call quoted,$$(SC)sc-eval) $$(call quoted,$$(@:.tsv=.safetensors)) $$(labels) $$(EVAL) -o $$(call quoted,$$@)
endef
$(foreach pair,$(pairs),$(eval $(call pair_rule,$(pair))))

# sc-eval writes a line a figure; here they become the columns of one row.
%.sweep.tsv: $(foreach pair,$(pairs),%.sweep/$(pair).tsv)
	@head=1; for pair in $(foreach pair,$(pairs),$(call quoted,$(pair))); do \
	  awk -F'\t' -v pair="$$pair" -v head="$$head" \
	    'NR > 1 { names = names "\t" $$1; values = values "\t" $$2 } \
	    END { split(pair, l, "-"); if (head) print "lambda1\tlambda2" names; print l[1] "\t" l[2] values }' \
	    < $(call quoted,$*.sweep/)"$$pair".tsv; \
	  head=0; \
	done > $(call quoted,$@.part)
	@mv -- $(call quoted,$@.part) $(call quoted,$@)
	@cat -- $(call quoted,$@)
