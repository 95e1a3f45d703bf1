# What pipelines/figures-sctpf.mk and pipelines/figures-scemc.mk share: settings, their checks,
# their stamps, and the comparison of runs. Both include it; it is no makefile of its own.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
# Programs write whole files or none: what a failed run would have replaced stays.
.SECONDARY:
.SUFFIXES:

# Table and picture of a figure are made by one rule (&:), which older versions do not know.
ifneq ($(filter 3.% 4.0 4.0.% 4.1 4.1.% 4.2 4.2.%,$(MAKE_VERSION)),)
$(error GNU make 4.3 or later is needed; this is $(MAKE_VERSION))
endif

# The cells, in any format that sc-preprocess reads, and how many clusters to look for.
DATA ?=
CLUSTERS ?=
# True labels, a column of the input or a file of barcodes and labels; only compared with at the
# end. Without them the pictures show silhouette and modularity.
LABELS ?=
# For several seeds the figures show mean and deviation.
SEEDS ?= 0
# The folder of the output: figures, and the runs behind them.
OUT ?= figures-$(MODEL)
# png, svg or pdf.
PICTURE ?= png
# What to put before the programs' names: SC=.build/release/
SC ?=
# default, paper or released, for sc-pretrain and sc-cluster. Only figures of the published schedule
# compare with the published ones.
PRESET ?= default
# The most epochs; empty: the preset's.
PRETRAIN_EPOCHS ?=
EPOCHS ?=
# A figure of the effect of a switch or weight needs the last state; best: the state that sc-cluster
# would keep.
KEEP ?= last
# Further options of each stage.
PREPROCESS ?=
KNN ?=
PRETRAIN ?=
CLUSTER ?=
EVAL ?=

# A value as one word of the shell, with any characters. Only the further options of a stage are for
# the shell to split.
quoted = '$(subst ','\'',$1)'
program = $(call quoted,$(SC)sc-$1)
labels = $(if $(LABELS),--labels $(call quoted,$(LABELS)))

comma := ,
# $(call complain,SETTING,WHAT) ends make with one line.
complain = $(error $1='$($1)': $2)
# $(call is,SETTING,PATTERN): not empty if the whole value matches.
is = $(shell [[ $(call quoted,$($1)) =~ ^($2)$$ ]] && echo yes)
whole := [1-9][0-9]*
number := [0-9]+([.][0-9]+)?
# $(call require,SETTING,PATTERN,WHAT)
require = $(if $(call is,$1,$2),,$(call complain,$1,$3))
# $(call require_list,SETTING,PATTERN,WHAT): one or more of them between blanks.
require_list = $(call require,$1,[[:blank:]]*$2([[:blank:]]+$2)*[[:blank:]]*,$3)

$(call require,OUT,[A-Za-z0-9_./+][A-Za-z0-9_./+-]*,a folder of letters$(comma) digits and _ . / + - alone; data and labels may have any name)
$(if $(DATA),,$(call complain,DATA,name the cells: DATA=cells.h5ad))
$(if $(shell test -r $(call quoted,$(DATA)) && echo yes),,$(call complain,DATA,there is no such file or folder that can be read))
$(call require,CLUSTERS,$(whole)|auto,say how many clusters: CLUSTERS=8$(comma) or auto)
$(call require_list,SEEDS,[0-9]+,whole numbers between blanks: SEEDS="0 1 2")
$(call require,PICTURE,png|svg|pdf,png$(comma) svg or pdf)
$(call require,PRESET,default|paper(:[a-z_]+)?|released,default$(comma) paper or released)
$(call require,KEEP,best|last,best or last)
$(call require,EPOCHS,($(whole))?,a whole number$(comma) or nothing)
$(call require,PRETRAIN_EPOCHS,($(whole))?,a whole number$(comma) or nothing)

# A file's size and time represent its content: if they change, what depends on it is made again,
# under any name.
state = $(shell stat -L -c '%s %Y' -- $(call quoted,$1) 2>/dev/null)

# The settings of every stage are in OUT/STAGE.settings. A change of them is a change of the file
# that its results depend on.
graph_settings = $(DATA) $(call state,$(DATA)) | $(LABELS) $(call state,$(LABELS)) | $(PREPROCESS) | $(KNN)
model_settings = $(PRESET) | $(PRETRAIN_EPOCHS) | $(PRETRAIN)
clustered_settings = $(CLUSTERS) | $(PRESET) | $(EPOCHS) | $(KEEP) | $(CLUSTER) | $(own_settings)
figure_settings = $(LABELS) $(call state,$(LABELS)) | $(SEEDS) | $(EVAL) | $(own_settings)

pretrain = $(call program,pretrain) $< --model $(MODEL) --preset $(PRESET) --seed $*
cluster = $(call program,cluster) $< --method $(MODEL) --clusters $(CLUSTERS) --preset $(PRESET) --seed $*
training = --keep $(KEEP) $(if $(EPOCHS),--epochs $(EPOCHS)) $(CLUSTER)

.PHONY: settings
# Written only if it differs from the present file. settings_rule STAGE
define settings_rule
$(OUT)/$1.settings: settings
	@mkdir -p -- $(OUT)
	@printf '%s\n' $$(call quoted,$$($1_settings)) | cmp -s - $$@ || { printf '%s\n' $$(call quoted,$$($1_settings)) > $$@.new && mv -- $$@.new $$@; }
endef
$(foreach stage,graph model clustered figure,$(eval $(call settings_rule,$(stage))))

preprocess = $(call program,preprocess) $(call quoted,$(DATA)) $(labels) $(PREPROCESS)
# Filtered counts with their neighbors, once for all seeds.
$(OUT)/graph.safetensors: $(OUT)/graph.settings
	$(preprocess) | $(call program,knn) $(KNN) -o $@

# A run is named NAME, once for every seed: OUT/seed0/NAME.safetensors.
runs = $(foreach name,$1,$(foreach seed,$(SEEDS),$(OUT)/seed$(seed)/$(name).safetensors))
first_run = $(OUT)/seed$(firstword $(SEEDS))/$1.safetensors

# model_rule NAME,GRAPH[,OPTIONS]: pretrained models OUT/seedN/NAME.model.safetensors.
define model_rule
$(OUT)/seed%/$1.model.safetensors: $(OUT)/$2.safetensors $(OUT)/model.settings
	@mkdir -p -- $$(@D)
	$$(pretrain) $3 $$(if $$(PRETRAIN_EPOCHS),--epochs $$(PRETRAIN_EPOCHS)) $$(PRETRAIN) -o $$@
endef

# run_rule NAME,MODEL[,OPTIONS]: clusters OUT/seedN/NAME.safetensors.
define run_rule
$(OUT)/seed%/$1.safetensors: $(OUT)/seed%/$2.model.safetensors $(OUT)/clustered.settings
	@mkdir -p -- $$(@D)
	$$(cluster) $$(training) $3 -o $$@
endef

# table_rule NAME: the goal NAME is its table and its picture, which appear together or not at all.
define table_rule
.PHONY: $1
$1: $(OUT)/$1.tsv $(OUT)/$1.$(PICTURE)
endef

# figure_rule NAME,RUNS,KIND: runs in one table, and in one picture of that kind.
define figure_rule
$(call table_rule,$1)
$(OUT)/$1.tsv $(OUT)/$1.$(PICTURE) &: $(call runs,$2) $(OUT)/figure.settings
	$$(call program,eval) --compare $$(filter %.safetensors,$$^) $$(labels) $$(EVAL) --plot $(OUT)/$1.$(PICTURE) --figures $3 -o $(OUT)/$1.tsv
endef
